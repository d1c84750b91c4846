// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.KafkaServer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestReporter;

/** Makes steps of calls to the stock admin client: what they answer is rendered as text, what they throw as its class. */
final class AdminStep {
    private AdminStep() {}

    /** One broker as an administrator sees it. */
    record To(Admin admin, int brokerId) {}

    /** Makes a call; an exception of its future is an answer, too. */
    @FunctionalInterface
    interface Call {
        Object on(To broker) throws Exception;
    }

    static Step step(String name, Call call) {
        return step(name, call, 20);
    }

    /** @param seconds after which the client gives up a call that it would go on trying */
    static Step step(String name, Call call, int seconds) {
        return Step.step(name, broker -> outcome(broker, call, seconds));
    }

    static Step given(String name, Call call) {
        return Step.given(name, broker -> outcome(broker, call, 20));
    }

    static Stream<DynamicTest> compare(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report, Step... steps) {
        return Comparison.of(millrace, kafka, report, steps);
    }

    private static String outcome(Subject broker, Call call, int seconds) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + broker.port());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, seconds * 1000);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, seconds * 1000);
        try (Admin admin = Admin.create(settings)) {
            int id = admin.describeCluster().nodes().get().iterator().next().id();
            return String.valueOf(call.on(new To(admin, id)));
        } catch (ExecutionException e) {
            return e.getCause().getClass().getSimpleName();
        } catch (Exception e) {
            return e.getClass().getSimpleName();
        }
    }
}
