"""Who we are: county and territory, departments, people, channels, rota, escalation."""
