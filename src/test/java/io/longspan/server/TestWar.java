package io.longspan.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of a small unpacked WAR, whose classes are {@link TestApplication}'s. */
final class TestWar {

  private TestWar() {}

  static Path in(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("WEB-INF"));
    Files.createDirectories(folder.resolve("files"));
    Files.writeString(folder.resolve("index.html"), "<p>a page</p>");
    Files.writeString(folder.resolve("files").resolve("one.txt"), "one");
    Files.writeString(
        folder.resolve("WEB-INF").resolve("web.xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"
                 metadata-complete="true">
          <listener><listener-class>%1$s$Listener</listener-class></listener>
          <servlet>
            <servlet-name>who</servlet-name>
            <servlet-class>%1$s$Who</servlet-class>
          </servlet>
          <servlet>
            <servlet-name>held</servlet-name>
            <servlet-class>%1$s$Held</servlet-class>
            <async-supported>true</async-supported>
          </servlet>
          <servlet-mapping>
            <servlet-name>who</servlet-name>
            <url-pattern>/who</url-pattern>
          </servlet-mapping>
          <servlet-mapping>
            <servlet-name>held</servlet-name>
            <url-pattern>/held</url-pattern>
          </servlet-mapping>
          <login-config>
            <auth-method>BASIC</auth-method>
            <realm-name>Another</realm-name>
          </login-config>
        </web-app>
        """
            .formatted(TestApplication.class.getName()));
    return folder;
  }
}
