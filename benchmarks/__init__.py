"""How fast Reelay is, measured beside its peers and its limits in the same run."""
