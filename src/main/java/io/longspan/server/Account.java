package io.longspan.server;

import java.util.Set;
import org.eclipse.jetty.util.security.Credential;

/**
 * What the server knows of one user.
 *
 * @param credential checks his password
 * @param roles his roles, unmodifiable and in the order granted
 */
record Account(Credential credential, Set<String> roles) {}
