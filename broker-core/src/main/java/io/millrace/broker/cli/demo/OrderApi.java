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

    /** What the server has counted since it started. */
    record Stats(long placed, long processed, long duplicates) {}

    /**
     * Places one order.
     *
     * @return whether the server accepted it; {@code false} when it said that the broker is away
     */
    boolean place(String item) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(base.resolve("api/orders"))
                        .timeout(TIMEOUT)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("item=" + item, StandardCharsets.UTF_8))
                        .build(),
                BodyHandlers.ofString());
        return switch (answer.statusCode()) {
            case 200, 201, 202 -> true;
            case 503 -> false;
            default ->
                throw new DemoException(
                        "POST " + base + "api/orders answered " + answer.statusCode() + ": " + answer.body());
        };
    }

    Stats stats() throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(base.resolve("api/stats"))
                        .timeout(TIMEOUT)
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new DemoException("GET " + base + "api/stats answered " + answer.statusCode());
        }
        String json = answer.body();
        return new Stats(number(json, "placed"), number(json, "processed"), number(json, "duplicates"));
    }

    private long number(String json, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\"\\s*:\\s*(\\d+)").matcher(json);
        if (!matcher.find()) {
            throw new DemoException("GET " + base + "api/stats has no " + field + ": " + json);
        }
        return Long.parseLong(matcher.group(1));
    }
}
