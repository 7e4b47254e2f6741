"""The catalogue: every rule, in the order of their names."""

from rctango.rules import (
    ambiguous_selection,
    anonymous_relay,
    anti_spam_device_in_relay_range,
    captured_exchange_server,
    cloud_mail_on_wrong_connector,
    default_gateway_in_relay_range,
    exchange_authentication_missing,
    exchange_server_in_relay_range,
    externally_secured_relay,
    externally_secured_without_exchange_servers,
    hidden_custom_rights,
    internal_sender_spoofing,
    load_balancer_in_relay_range,
    nat_device_in_relay_range,
    no_protocol_logging,
    open_relay,
    overbroad_relay_range,
    public_address_in_relay_range,
    relay_over_ipv4_only,
    shadowed_connector,
    transport_role_conflict,
    uncovered_clients,
    wildcard_accepted_domain,
)
from rctango.rules._needs import missing
from rctango.rules._rule import Need, Rule

__all__ = ["CATALOGUE", "Need", "Rule", "missing"]

CATALOGUE: tuple[Rule, ...] = (
    ambiguous_selection.RULE,
    anonymous_relay.RULE,
    anti_spam_device_in_relay_range.RULE,
    captured_exchange_server.RULE,
    cloud_mail_on_wrong_connector.RULE,
    default_gateway_in_relay_range.RULE,
    exchange_authentication_missing.RULE,
    exchange_server_in_relay_range.RULE,
    externally_secured_relay.RULE,
    externally_secured_without_exchange_servers.RULE,
    hidden_custom_rights.RULE,
    internal_sender_spoofing.RULE,
    load_balancer_in_relay_range.RULE,
    nat_device_in_relay_range.RULE,
    no_protocol_logging.RULE,
    open_relay.RULE,
    overbroad_relay_range.RULE,
    public_address_in_relay_range.RULE,
    relay_over_ipv4_only.RULE,
    shadowed_connector.RULE,
    transport_role_conflict.RULE,
    uncovered_clients.RULE,
    wildcard_accepted_domain.RULE,
)
