// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sample's HTTP interface, as a client sees it. Safe for any thread. */
final class OrderApi {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final URI base;

    OrderApi(URI base) {
        this.base = base;
    }

    /**
     * Places one order.
     *
     * @return its id once the server has accepted it; empty when it said that the broker is away
     */
    Optional<String> place(String item) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                request("api/orders")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("item=" + item, StandardCharsets.UTF_8))
                        .build(),
                BodyHandlers.ofString());
        return switch (answer.statusCode()) {
            case 201 -> Optional.of(field(answer.body(), "id", "\"([^\"]+)\""));
            case 503 -> Optional.empty();
            default -> throw unexpected(answer);
        };
    }

    /** How many different orders the beans have processed since the server started. */
    long processed() throws IOException, InterruptedException {
        return processedIn("api/stats");
    }

    /** How often the beans have processed an order. */
    long timesProcessed(String id) throws IOException, InterruptedException {
        return processedIn("api/orders/" + id);
    }

    private long processedIn(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request(path).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw unexpected(answer);
        }
        return Long.parseLong(field(answer.body(), "processed", "(\\d+)"));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
    }

    private static DemoException unexpected(HttpResponse<String> answer) {
        return new DemoException(answer.request().method() + " " + answer.uri() + " answered " + answer.statusCode()
                + ": " + answer.body());
    }

    private static String field(String json, String name, String value) {
        Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*" + value).matcher(json);
        if (!matcher.find()) {
            throw new DemoException("The sample's answer has no " + name + ": " + json);
        }
        return matcher.group(1);
    }
}
