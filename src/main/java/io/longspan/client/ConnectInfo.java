package io.longspan.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bridge's answer to {@code connect} (protocol section 2).
 *
 * @param limits numbers by name; see {@code docs/protocol.md}
 */
public record ConnectInfo(
    List<String> userRoles,
    boolean isSysadmin,
    Optional<String> userUri,
    Optional<String> bridgeId,
    Map<String, Number> limits,
    Optional<String> resumeToken,
    boolean resumed) {}
