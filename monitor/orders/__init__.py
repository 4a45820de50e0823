"""公文流转: numbered slips to departments, their own clock, and what may be handed over."""
