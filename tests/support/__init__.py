"""Servers, clocks and builders that tests share."""
