// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The deployed application, as the tests talk to it. Safe for any thread. */
final class Application {
    static final Duration PATIENCE = Duration.ofSeconds(150);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;

    Application(URI url) {
        this.url = url;
    }

    private HttpRequest request(String action, String queue, String text) {
        String query = "probe?do=" + action + "&to=" + encode(queue) + "&text=" + encode(text);
        return HttpRequest.newBuilder(url.resolve(query)).timeout(PATIENCE).build();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The answer's body; a failure is {@code status <code>}, or {@code no answer} when there is none. */
    String call(String action, String queue, String text) {
        try {
            HttpResponse<String> answer =
                    client.send(request(action, queue, text), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "status " + answer.statusCode();
        } catch (IOException e) {
            return "no answer";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends the request and does not wait. */
    void callInBackground(String action, String queue, String text) {
        var unused = client.sendAsync(request(action, queue, text), HttpResponse.BodyHandlers.discarding());
    }

    boolean answers() {
        return call("seen", "", "nothing").isEmpty();
    }

    /** Waits until the message-driven beans saw exactly these deliveries of a text: {@code count redelivered,...}. */
    void awaitSeen(String text, String deliveries) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertEquals(deliveries, call("seen", "", text), text));
    }
}
