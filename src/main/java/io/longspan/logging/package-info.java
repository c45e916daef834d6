/** What the log format needs beyond Logback. */
package io.longspan.logging;
