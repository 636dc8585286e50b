"""``python -m script_worker``: the service's process."""

from shared.runtime.launching import launch

if __name__ == "__main__":
    launch("script-worker", "script_worker.main")
