# SPDX-License-Identifier: MIT
"""Builds a verdict's metadata, call by call. Written anew against the published interface."""
import json

LISTS = ("domains", "ip_addresses", "stix")


class Verdict:
    def __init__(self):
        self.malware_family = self.scanner = self.domains = self.ip_addresses = self.stix = self.extra = None

    def _append(self, name, values):
        setattr(self, name, [*(getattr(self, name) or []), *values])
        return self

    def set_malware_family(self, malware_family):
        self.malware_family = malware_family
        return self

    def set_scanner(self, operating_system=None, architecture=None, version=None, polyswarmclient_version=None,
                    signatures_version=None, vendor_version=None, **others):
        if architecture is None:  # older engines misspell it
            architecture = next((value for name, value in others.items() if name.startswith("archi")), None)
        said = {"version": version, "polyswarmclient_version": polyswarmclient_version,
                "signatures_version": signatures_version, "vendor_version": vendor_version}
        if operating_system is not None or architecture is not None:
            said["environment"] = {"operating_system": operating_system, "architecture": architecture}
        self.scanner = {name: value for name, value in said.items() if value is not None} or None
        return self

    def add_domain(self, domain):
        return self._append("domains", [domain])

    def add_domains(self, domains):
        return self._append("domains", domains)

    def add_ip_address(self, ip_address):
        return self._append("ip_addresses", [ip_address])

    def add_ip_addresses(self, ip_addresses):
        return self._append("ip_addresses", ip_addresses)

    def add_stix_signature(self, schema, signature):
        return self._append("stix", [{"schema": schema, "signature": signature}])

    add_stix = add_stix_signature

    def add_stix_signatures(self, signatures):
        return self._append("stix", [{"schema": schema, "signature": signature} for schema, signature in signatures])

    def add_extra(self, key, value):
        return self._append("extra", [(key, value)])

    def add_extras(self, extras):
        return self._append("extra", extras)

    def dict(self):
        values = {"malware_family": self.malware_family}
        if self.scanner:
            values["scanner"] = self.scanner
        values.update((name, getattr(self, name)) for name in LISTS if getattr(self, name))
        values.update(self.extra or [])
        return values

    def json(self):
        if not isinstance(self.malware_family, str):
            raise ValueError("a verdict needs a malware_family, a text")
        return json.dumps(self.dict())
