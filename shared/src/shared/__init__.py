"""What every Reelay service shares: contracts, lifecycle, pipeline, messaging, store, artifacts,
runtime.
"""
