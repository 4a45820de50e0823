// Exports say how far they are. Without it they are plain links.
"use strict";
(() => {
  const said = document.getElementById("exporting");
  if (!said) return;
  const total = Number(said.dataset.total);
  const rows = (n) => n.toLocaleString("zh-CN");
  const follow = async (name, what) => {
    for (let asked = 0; asked < 3600; asked += 1) {
      const answer = await fetch(`/history/exports/${name}`).catch(() => null);
      if (!answer || !answer.ok) { said.textContent = "看不到导出进度，文件以浏览器的下载为准"; return; }
      const { written, has_ended: hasEnded } = await answer.json();
      if (hasEnded) { said.textContent = `${what} 已导出 ${rows(written)} 条`; return; }
      const share = total ? Math.min(99, Math.floor(written / total * 100)) : 0;
      said.textContent = `正在导出 ${what}：${rows(written)} / ${rows(total)} 条（${share}%），请勿重复点击`;
      await new Promise((done) => setTimeout(done, 1000));
    }
  };
  for (const link of document.querySelectorAll("a[data-export]")) {
    link.addEventListener("click", () => {
      const name = Math.random().toString(36).slice(2);
      const address = new URL(link.href);
      address.searchParams.set("follow", name);
      link.href = address.href;
      said.textContent = `正在导出 ${link.textContent}…`;
      follow(name, link.textContent);
    });
  }
})();
