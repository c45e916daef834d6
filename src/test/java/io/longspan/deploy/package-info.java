/** The WAR in the containers that others run: Jetty's distribution and Tomcat. */
package io.longspan.deploy;
