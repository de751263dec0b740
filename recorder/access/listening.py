"""What a listener that other machines reach needs."""

REMOTE = (
    "other machines could use the provider through it and be recorded as you; listen on 127.0.0.1, or give it "
    "tls_certificate and keys (`recorder keys create`), or say --allow-remote"
)
NO_KEYS = (
    "other machines could go anywhere through it, and it cannot ask for keys; listen on 127.0.0.1, or use reverse or "
    "regular"
)
