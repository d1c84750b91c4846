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
import java.util.UUID;
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
     * Places one order; the same id makes it the same order, however often it is placed.
     *
     * @return whether the server has accepted it; not when broker or server are away
     */
    boolean place(UUID id, String item) throws InterruptedException {
        HttpResponse<String> answer;
        try {
            answer = send(request("api/orders")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("id=" + id + "&item=" + item, StandardCharsets.UTF_8))
                    .build());
        } catch (IOException away) {
            return false;
        }
        return switch (answer.statusCode()) {
            case 201 -> true;
            // 404 and 500: the server is starting or stopping.
            case 404, 500, 503 -> false;
            default -> throw unexpected(answer);
        };
    }

    /** How many orders were shipped; none while the server is away. */
    long shipped() throws InterruptedException {
        return number("api/stats", "shipped");
    }

    /** How often an order was paid. */
    long payments(UUID id) throws InterruptedException {
        return number("api/orders/" + id, "payments");
    }

    /** How often an order was shipped. */
    long shipments(UUID id) throws InterruptedException {
        return number("api/orders/" + id, "shipments");
    }

    /** In cents, asked for by request and reply; 0 when there is no answer or no price. */
    long price(String item) throws InterruptedException {
        return number("api/price?item=" + item, "cents");
    }

    private long number(String path, String field) throws InterruptedException {
        try {
            HttpResponse<String> answer = send(request(path).build());
            return answer.statusCode() == 200 ? field(answer.body(), field) : 0;
        } catch (IOException away) {
            return 0;
        }
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
    }

    private static DemoException unexpected(HttpResponse<String> answer) {
        return new DemoException(answer.request().method() + " " + answer.uri() + " answered " + answer.statusCode()
                + ": " + answer.body());
    }

    private static long field(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*(\\d+)").matcher(json);
        if (!matcher.find()) {
            throw new DemoException("The sample's answer has no " + name + ": " + json);
        }
        return Long.parseLong(matcher.group(1));
    }
}
