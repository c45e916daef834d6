package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The proxies for which {@code deploy/proxies} has a recipe. */
public enum ProxyRecipe {
  HAPROXY {
    @Override
    List<List<String>> commands(RunningProxy proxy) {
      return haproxy(proxy, Map.of());
    }

    @Override
    void reload(RunningProxy proxy) {
      proxy.signal(0, "USR2");
    }
  },

  /** HAProxy that speaks HTTP/2 to the bridges, also for WebSockets. */
  HAPROXY_HTTP2 {
    @Override
    List<List<String>> commands(RunningProxy proxy) {
      return haproxy(proxy, Map.of(":8080}\"", ":8080}\" proto h2 check-proto h1"));
    }

    @Override
    void reload(RunningProxy proxy) {
      HAPROXY.reload(proxy);
    }
  },

  NGINX {
    @Override
    List<List<String>> commands(RunningProxy proxy) {
      Path file =
          proxy.write(
              "nginx.conf",
              Map.of(
                  "listen 80;", "listen 127.0.0.1:%d;".formatted(proxy.plainPort()),
                  "listen 443 ", "listen 127.0.0.1:%d ".formatted(proxy.tlsPort()),
                  "/run/nginx.pid", proxy.file("nginx.pid").toString()));
      return List.of(List.of("/usr/sbin/nginx", "-c", file.toString(), "-g", "daemon off;"));
    }

    @Override
    void reload(RunningProxy proxy) {
      proxy.signal(0, "HUP");
    }

    /** As an operator edits the file: in the first upstream alone. */
    @Override
    void offer(RunningProxy proxy, String bridge, boolean offered) {
      String server = "server %s max_fails=1 fail_timeout=1s".formatted(bridge);
      Path file = proxy.file("nginx.conf");
      try {
        String text = Files.readString(file).replace(server + " down", server);
        if (!offered) {
          int first = text.indexOf(server) + server.length();
          text = text.substring(0, first) + " down" + text.substring(first);
        }
        Files.writeString(file, text);
      } catch (IOException x) {
        throw new UncheckedIOException(x);
      }
      reload(proxy);
    }
  },

  APACHE {
    @Override
    List<List<String>> commands(RunningProxy proxy) {
      Map<String, String> replaced = new LinkedHashMap<>();
      replaced.put("Listen 80\n", "Listen 127.0.0.1:%d\n".formatted(proxy.plainPort()));
      replaced.put("Listen 443\n", "Listen 127.0.0.1:%d\n".formatted(proxy.tlsPort()));
      replaced.put("*:80>", "*:%d>".formatted(proxy.plainPort()));
      replaced.put("*:443>", "*:%d>".formatted(proxy.tlsPort()));
      replaced.put("/run/apache2", proxy.file("").toString());
      Path file = proxy.write("apache.conf", replaced);
      return List.of(List.of("/usr/sbin/apache2", "-f", file.toString(), "-D", "FOREGROUND"));
    }

    @Override
    void reload(RunningProxy proxy) {
      proxy.signal(0, "USR1");
    }
  },

  CADDY {
    @Override
    List<List<String>> commands(RunningProxy proxy) {
      Path file =
          proxy.write(
              "Caddyfile",
              Map.of(
                  ":80 {", "http://127.0.0.1:%d {".formatted(proxy.plainPort()),
                  ":443 {", "https://127.0.0.1:%d {".formatted(proxy.tlsPort()),
                  "unix//run/caddy/admin.sock", "unix/" + proxy.file("admin.sock")));
      return List.of(
          List.of(PROGRAM, "run", "--config", file.toString(), "--adapter", "caddyfile"));
    }

    @Override
    void reload(RunningProxy proxy) {
      // The file is the same.
      String file = proxy.file("Caddyfile").toString();
      proxy.call(PROGRAM, "reload", "--force", "--config", file, "--adapter", "caddyfile");
    }

    private static final String PROGRAM = "/usr/bin/caddy";
  },

  VARNISH {
    @Override
    List<List<String>> commands(RunningProxy proxy) {
      Map<String, String> backends = new LinkedHashMap<>();
      for (int i = 0; i < 2; i++) {
        String[] bridge = proxy.bridge(i);
        backends.put(
            BACKEND.formatted("bridge-" + (i + 1), "8080"),
            BACKEND.formatted(bridge[0], bridge[1]));
      }
      Path vcl = proxy.write("varnish.vcl", backends);
      Path hitch =
          proxy.write(
              "hitch.conf",
              Map.of(
                  "[*]:443", "[127.0.0.1]:" + proxy.tlsPort(),
                  "[127.0.0.1]:8443", "[127.0.0.1]:" + proxy.innerPort()));
      return List.of(
          List.of(
              "/usr/sbin/varnishd",
              "-F",
              "-j",
              "none",
              "-n",
              proxy.file("varnish").toString(),
              "-a",
              "plain=127.0.0.1:" + proxy.plainPort(),
              "-a",
              "tls=127.0.0.1:%d,PROXY".formatted(proxy.innerPort()),
              "-f",
              vcl.toString(),
              "-p",
              "pipe_timeout=75",
              "-p",
              "http_req_hdr_len=16k"),
          List.of("/usr/sbin/hitch", "--config=" + hitch));
    }

    @Override
    void reload(RunningProxy proxy) {
      String folder = proxy.file("varnish").toString();
      String vcl = proxy.file("varnish.vcl").toString();
      String name = "reload" + System.nanoTime();
      proxy.call("/usr/bin/varnishadm", "-n", folder, "vcl.load", name, vcl);
      proxy.call("/usr/bin/varnishadm", "-n", folder, "vcl.use", name);
      proxy.signal(1, "HUP");
    }

    private static final String BACKEND = ".host = \"%s\"; .port = \"%s\"";
  };

  private static List<List<String>> haproxy(RunningProxy proxy, Map<String, String> replaced) {
    Path file = proxy.write("haproxy.cfg", replaced);
    return List.of(List.of("/usr/sbin/haproxy", "-W", "-db", "-f", file.toString()));
  }

  /** Writes the files of the recipe and returns the processes to start. */
  abstract List<List<String>> commands(RunningProxy proxy);

  /** Lets a proxy read its configuration again. */
  abstract void reload(RunningProxy proxy);

  /** Takes a bridge away from new sessions, or gives it back; most proxies see that it drains. */
  void offer(RunningProxy proxy, String bridge, boolean offered) {}

  /** Returns the name of its folder, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
