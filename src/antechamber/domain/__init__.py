"""Values and rules of the field: who may ask what of whom, and what an invitation is.

Lives here: frozen values, the rules over them, and one exception class per reason to refuse.
May call: the standard library only. Never: a row, a request, a clock, a random number; it is handed values.
"""
