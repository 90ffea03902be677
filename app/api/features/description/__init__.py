"""What describes the API: documents, schemas, OpenAPI, conformance."""
