# Varnish 7.1 in front of two bridges. README.md in this folder says what is common to all proxies.
# Varnish has no TLS: Hitch (hitch.conf) decrypts, and tells the client's address by the PROXY protocol.
#   varnishd -a plain=:80 -a tls=127.0.0.1:8443,PROXY -f /etc/longspan/proxy/varnish.vcl \
#       -p pipe_timeout=75 -p http_req_hdr_len=16k
#   hitch --config=/etc/longspan/proxy/hitch.conf
# Reload: varnishreload (varnishadm vcl.load, vcl.use); hitch: SIGHUP.
# "import header" needs Debian's package varnish-modules.

vcl 4.1;

import directors;
import header;
import std;

probe live {
    .url = "/health/live";
    .interval = 1s;
    .timeout = 2s;
    .window = 3;
    .threshold = 1;
    .initial = 1;
}

probe ready {
    .url = "/health/ready";
    .interval = 1s;
    .timeout = 2s;
    .window = 1;
    .threshold = 1;
    .initial = 1;
}

# A bridge that drains is not ready but live, and keeps its sessions. 75 s is longer than session.timeout, for which the
# bridge holds a /meta/connect.
backend live_1 { .host = "bridge-1"; .port = "8080"; .probe = live; .connect_timeout = 5s; .first_byte_timeout = 75s; .between_bytes_timeout = 75s; }
backend live_2 { .host = "bridge-2"; .port = "8080"; .probe = live; .connect_timeout = 5s; .first_byte_timeout = 75s; .between_bytes_timeout = 75s; }
backend ready_1 { .host = "bridge-1"; .port = "8080"; .probe = ready; .connect_timeout = 5s; .first_byte_timeout = 75s; .between_bytes_timeout = 75s; }
backend ready_2 { .host = "bridge-2"; .port = "8080"; .probe = ready; .connect_timeout = 5s; .first_byte_timeout = 75s; .between_bytes_timeout = 75s; }

sub vcl_init {
    # If a session's bridge has ended, the other one answers 402 and the client handshakes again.
    new session_1 = directors.fallback();
    session_1.add_backend(live_1);
    session_1.add_backend(live_2);
    new session_2 = directors.fallback();
    session_2.add_backend(live_2);
    session_2.add_backend(live_1);
    new bridges = directors.hash();
    bridges.add_backend(ready_1, 1.0);
    bridges.add_backend(ready_2, 1.0);
}

sub vcl_recv {
    if (local.socket != "tls") {
        return (synth(308, "https://" + regsub(req.http.Host, ":\d+$", "") + req.url));
    }
    # The bridges use these headers of this proxy (http.trustedProxies), so clients must not be able to write them.
    unset req.http.Forwarded;
    unset req.http.X-Forwarded-Host;
    set req.http.X-Forwarded-For = client.ip;
    set req.http.X-Forwarded-Proto = "https";

    # Requests of sessions name their bridge, by its bridge.id.
    unset req.http.X-New-Browser;
    if (req.http.X-Bridge-Id == "bridge-1" || req.url ~ "[?&]bridgeId=bridge-1(&|$)") {
        set req.backend_hint = session_1.backend();
    } else if (req.http.X-Bridge-Id == "bridge-2" || req.url ~ "[?&]bridgeId=bridge-2(&|$)") {
        set req.backend_hint = session_2.backend();
    } else {
        # New sessions, pages, sign-ins. The cookie keeps a page's sign-in on its bridge while that is ready.
        if (req.http.Cookie !~ "(^|;\s*)BRIDGE=") {
            set req.http.X-New-Browser = req.xid + "-" + std.random(0, 1000000);
            set req.backend_hint = bridges.backend(req.http.X-New-Browser);
        } else {
            set req.backend_hint = bridges.backend(regsub(req.http.Cookie, "^(.*;\s*)?BRIDGE=([^;]*).*$", "\2"));
        }
    }

    if (req.http.Upgrade ~ "(?i)websocket") {
        return (pipe);
    }
    return (pass);
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
    unset bereq.http.X-New-Browser;
}

sub vcl_backend_fetch {
    unset bereq.http.X-New-Browser;
}

sub vcl_deliver {
    if (req.http.X-New-Browser) {
        header.append(resp.http.Set-Cookie, "BRIDGE=" + req.http.X-New-Browser + "; Path=/; HttpOnly; Secure; SameSite=Strict");
    }
}

sub vcl_synth {
    if (resp.status == 308) {
        set resp.http.Location = resp.reason;
        set resp.reason = "Permanent Redirect";
        return (deliver);
    }
}
