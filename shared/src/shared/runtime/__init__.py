"""What every process does alike: settings, logs, health, start and stop."""
