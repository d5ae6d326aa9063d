"""Between a server's interface and the wire's own messages: RSGI in production, ASGI for everything else."""
