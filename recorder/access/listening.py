"""What a listener that other machines reach needs."""

REMOTE = (
    "other machines could use the provider through it and be recorded as you; listen on 127.0.0.1, or give it "
    "tls_certificate and keys (`recorder keys create`), or say --allow-remote"
)
