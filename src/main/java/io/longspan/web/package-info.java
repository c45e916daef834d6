/**
 * The servlet edge: it puts the bridge together when the web application starts, authenticates,
 * checks origins, logs accesses, and shows health and metrics.
 */
package io.longspan.web;
