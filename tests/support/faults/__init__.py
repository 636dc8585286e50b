"""What the fault suite is built of: a whole system on servers of its own, faults, and the checks
from outside.
"""
