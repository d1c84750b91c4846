// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One page in a headless Chromium that is already installed, driven through its DevTools protocol: no driver, no download.
 * Not safe for several threads.
 */
final class Browser implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private String session = "";

    /** The browser's program; empty where none is installed. */
    static Optional<Path> installed() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts it with an empty profile and opens an empty page of a phone's size. */
    Browser(Path program, Path profile) throws Exception {
        process = new ProcessBuilder(List.of(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox", // not as root
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank"))
                .redirectErrorStream(true)
                .start();
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(endpoint()), new Listener())
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String target = field(call("Target.createTarget", "\"url\":\"about:blank\""), "targetId");
        session = field(call("Target.attachToTarget", "\"targetId\":\"" + target + "\",\"flatten\":true"), "sessionId");
        call("Page.enable", "");
        call(
                "Emulation.setDeviceMetricsOverride",
                "\"width\":360,\"height\":740,\"deviceScaleFactor\":1,\"mobile\":true");
    }

    private String endpoint() throws IOException {
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("DevTools listening on ")) {
                Thread drain = new Thread(() -> output.lines().forEach(more -> {}), "browser-output");
                drain.setDaemon(true);
                drain.start();
                return line.substring("DevTools listening on ".length());
            }
        }
        throw new AssertionError("The browser ended before it listened");
    }

    void open(URI page) throws Exception {
        call("Page.navigate", "\"url\":\"" + page + "\"");
    }

    /** The value of a JavaScript expression as text; a promise's when it is one. */
    String evaluate(String expression) throws Exception {
        String code =
                new String(JsonStringEncoder.getInstance().quoteAsString("(async () => String(" + expression + "))()"));
        return field(
                call(
                        "Runtime.evaluate",
                        "\"expression\":\"" + code + "\",\"awaitPromise\":true,\"returnByValue\":true"),
                "value");
    }

    /** Presses and releases a key by its name, such as {@code Enter}. */
    void press(String key, int code, String text) throws Exception {
        String typed = text.isEmpty() ? "" : ",\"text\":\"" + text + "\"";
        String event = "\"key\":\"" + key + "\",\"code\":\"" + key + "\",\"windowsVirtualKeyCode\":" + code;
        call("Input.dispatchKeyEvent", "\"type\":\"keyDown\"," + event + typed);
        call("Input.dispatchKeyEvent", "\"type\":\"keyUp\"," + event);
    }

    /** Types into what has the focus, in place of what is there. */
    void type(String text) throws Exception {
        evaluate("document.activeElement.select()");
        call("Input.insertText", "\"text\":\"" + text + "\"");
    }

    /** Pretends that the user prefers reduced motion. */
    void preferReducedMotion() throws Exception {
        call("Emulation.setEmulatedMedia", "\"features\":[{\"name\":\"prefers-reduced-motion\",\"value\":\"reduce\"}]");
    }

    private String call(String method, String parameters) throws Exception {
        int id = lastId.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(id, answer);
        String in = session.isEmpty() ? "" : ",\"sessionId\":\"" + session + "\"";
        socket.sendText("{\"id\":" + id + in + ",\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String text = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (text.contains("\"exceptionDetails\"") || text.startsWith("{\"error\"")) {
            throw new AssertionError(method + " " + parameters + ": " + text);
        }
        return text;
    }

    /** The first text of that name in an answer, however deep. */
    private static String field(String json, String name) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME && parser.currentName().equals(name)) {
                    parser.nextToken();
                    return parser.getText();
                }
            }
        }
        throw new AssertionError("No " + name + " in " + json);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                String text = message.toString();
                message.setLength(0);
                if (text.startsWith("{\"id\":")) {
                    int id = Integer.parseInt(text.substring(6, text.indexOf(',')));
                    answers.remove(id)
                            .complete(text.substring(text.indexOf(',') + 1).replaceFirst("^", "{"));
                }
            }
            webSocket.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }
}
