"""The OpenAPI document of the API: what FastAPI makes of the routes, and what all of them share."""

from typing import Any

from fastapi import FastAPI

from monitor.desk.api.answers import ProblemOut

MEDIA_TYPE = "application/problem+json"
_REF = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemOut} for status in (400, 401, 403, 404, 409, 412, 413, 422, 503)
}
"""What every route may refuse with."""

_TAG = {"schema": {"type": "string"}, "description": "随内容变化；下次带 If-None-Match，未变则答 304"}
_NEXT = {"schema": {"type": "string"}, "description": '有下一页时：<地址>; rel="next"'}
_HELD = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 500},
    "description": "手头那一份的 ETag",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document; the same object every time."""
    if app.openapi_schema is None:
        document = app.openapi()
        document["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "huiying users token"},
            "session": {"type": "apiKey", "in": "cookie", "name": "huiying_session"},
        }
        document["security"] = [{"token": []}, {"session": []}]
        for path, item in document["paths"].items():
            is_ours = path.startswith("/api/v1/")
            for method, operation in item.items():
                _mend(operation, is_read=is_ours and method == "get")
                if not is_ours:
                    # The inbox proves itself by a signature; the bare status of the health is for everybody.
                    operation["security"] = []
    return app.openapi_schema or {}


def _mend(operation: dict[str, Any], *, is_read: bool) -> None:
    """Say of one operation what its decorator cannot: problems have a media type, reads are conditional."""
    responses = operation["responses"]
    for answer in responses.values():
        content = answer.get("content", {})
        if content.get("application/json") == _REF:
            answer["content"] = {MEDIA_TYPE: _REF}
    if is_read:
        responses["200"]["headers"] = {"ETag": _TAG, "Link": _NEXT}
        responses["304"] = {"description": "没有变化", "headers": {"ETag": _TAG}}
        operation.setdefault("parameters", []).append(_HELD)
