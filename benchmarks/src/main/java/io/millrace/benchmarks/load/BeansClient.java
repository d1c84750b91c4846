// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** The deployed application's servlet, as {@code io.millrace.benchmarks.beans.Control} describes it. Safe for any thread. */
final class BeansClient {
    private static final long PATIENCE_S = 120;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;

    BeansClient(int port) {
        this.port = port;
    }

    /** Messages a second by a message-driven bean, from the {@code count} that wait. */
    double receive(String bean, long count) {
        return Double.parseDouble(call("do=receive&bean=%s&count=%d&patience=%d".formatted(bean, count, PATIENCE_S)));
    }

    void start(String bean) {
        call("do=start&bean=" + bean);
    }

    void stop(String bean) {
        call("do=stop&bean=" + bean);
    }

    /** What was sent in all, and how many a second. */
    record Sent(long messages, double rate) {}

    /** @param xa in a transaction of the container each */
    Sent send(boolean xa, int threads, Scale scale) {
        String[] answer = call("do=send&xa=%s&threads=%d&ramp=%d&window=%d&bytes=%d"
                        .formatted(
                                xa,
                                threads,
                                scale.ramp().toMillis(),
                                scale.window().toMillis(),
                                JmsWork.BODY_BYTES))
                .split(" ", -1);
        return new Sent(Long.parseLong(answer[0]), Double.parseDouble(answer[1]));
    }

    private String call(String query) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/adapter/control?" + query);
        try {
            HttpResponse<String> answer =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new BenchmarkException("The application answers " + query + " with " + answer.statusCode() + ": "
                        + answer.body().replaceAll("<[^>]*>", " ").strip());
            }
            return answer.body();
        } catch (IOException e) {
            throw new BenchmarkException("The application does not answer " + query, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("Interrupted", e);
        }
    }
}
