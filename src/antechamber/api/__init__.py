"""JSON doors: from requests to use cases and back, one package a generation of the API.

May call: usecases, domain. Never: touches storage, mail or auth; decides a rule.
"""
