// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static io.millrace.ra.inbound.Bean.pass;
import static io.millrace.ra.inbound.Deployments.numbers;
import static io.millrace.ra.inbound.Deployments.queue;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.ra.BrokerView;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Endpoints in JMX, against a real broker. */
@Timeout(60)
class OperatorsTest {
    private static final MBeanServer JMX_SERVER = ManagementFactory.getPlatformMBeanServer();

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    @RegisterExtension
    final Deployments server = new Deployments(MILLRACE);

    @AfterEach
    void stopServer() throws Exception {
        server.close();
        assertEquals(new TreeSet<>(), new TreeSet<>(names("*")));
    }

    private static List<ObjectName> names(String destination) throws Exception {
        return JMX_SERVER
                .queryNames(new ObjectName("io.millrace:type=Endpoint,destination=" + destination + ",*"), null)
                .stream()
                .sorted()
                .toList();
    }

    private static EndpointMXBean endpoint(String queue) throws Exception {
        List<ObjectName> found = names(ObjectName.quote("queue:///" + queue));
        assertEquals(1, found.size(), found.toString());
        return JMX.newMXBeanProxy(JMX_SERVER, found.get(0), EndpointMXBean.class);
    }

    @Test
    void endpointTellsWhatItDoesAndHasDone() throws Exception {
        CountDownLatch failures = new CountDownLatch(2);
        Bean bean = new Bean(text -> {
            if (text.equals("1") && failures.getCount() > 0) {
                failures.countDown();
                throw new IllegalStateException("not yet");
            }
        });
        server.send("told", numbers(0, 3));
        server.deploy(bean, queue("told"));

        await().atMost(20, SECONDS).until(() -> endpoint("told").getDelivered() == 3);

        EndpointMXBean endpoint = endpoint("told");
        assertEquals("RUNNING", endpoint.getState());
        assertEquals(2, endpoint.getRolledBack());
        assertTrue(endpoint.getLastFailure().contains("not yet"), endpoint.getLastFailure());
        assertNotNull(endpoint.getLastFailureTime());
        assertEquals(List.of(1, 10), List.of(endpoint.getMinSessions(), endpoint.getMaxSessions()));
        assertTrue(endpoint.getSessions() >= 1, "sessions");
        assertEquals(MILLRACE.broker().url(), endpoint.getBroker());
    }

    @Test
    void pausedEndpointEndsItsDeliveryGivesBackTheRestAndGoesOnWhenResumed() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        Bean bean = new Bean(text -> {
            entered.countDown();
            pass(gate);
        });
        MillraceActivationSpec spec = queue("paused");
        spec.setMaxSession(1);
        server.send("paused", numbers(0, 20));
        server.deploy(bean, spec);
        assertTrue(entered.await(20, SECONDS));

        Thread operator = new Thread(() -> {
            try {
                endpoint("paused").pause();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        operator.start();
        await().atMost(20, SECONDS).until(() -> endpoint("paused").getState().equals("PAUSED"));
        gate.countDown();
        operator.join();

        await().atMost(20, SECONDS)
                .until(() ->
                        BrokerView.groups(MILLRACE.broker(), "paused").get(0).inFlight() == 0);
        int before = bean.processed.size();
        await().during(500, java.util.concurrent.TimeUnit.MILLISECONDS)
                .atMost(20, SECONDS)
                .until(() -> bean.processed.size() == before);
        assertTrue(before <= 2, "processed " + before);
        endpoint("paused").resume();
        await().atMost(20, SECONDS).until(() -> bean.processed.size() >= 20);
        assertEquals(numbers(0, 20), bean.processed);
        assertEquals(0, endpoint("paused").getRolledBack());
    }

    @Test
    void pauseOutlastsTheBrokersRestart() throws Exception {
        Bean bean = new Bean(text -> {});
        server.deploy(bean, queue("kept-paused"));
        await().atMost(20, SECONDS)
                .until(() -> endpoint("kept-paused").getState().equals("RUNNING"));
        endpoint("kept-paused").pause();
        server.send("kept-paused", List.of("a"));

        MILLRACE.broker().restart();

        await().atMost(30, SECONDS)
                .until(() -> endpoint("kept-paused").getState().equals("PAUSED")
                        && BrokerView.groups(MILLRACE.broker(), "kept-paused")
                                        .get(0)
                                        .consumers()
                                == 1);
        assertEquals(List.of(), bean.processed);
        assertNotNull(endpoint("kept-paused").getLastFailure());
        endpoint("kept-paused").resume();
        await().atMost(20, SECONDS).until(() -> bean.processed.equals(List.of("a")));
    }

    @Test
    void twoApplicationsThatDeployAlikeHaveNamesOfTheirOwn() throws Exception {
        Bean first = new Bean(text -> {});
        Bean second = new Bean(text -> {});
        MillraceActivationSpec spec = queue("alike");
        MillraceActivationSpec same = queue("alike");
        server.deploy(first, spec);
        server.deploy(second, same);

        List<ObjectName> found = names(ObjectName.quote("queue:///alike"));
        server.activations.deactivate(first, spec);

        assertEquals(
                List.of("1", "2"),
                found.stream().map(n -> n.getKeyProperty("instance")).toList());
        List<ObjectName> left = names(ObjectName.quote("queue:///alike"));
        assertEquals(
                List.of("2"),
                left.stream().map(n -> n.getKeyProperty("instance")).toList());
        assertNull(JMX.newMXBeanProxy(JMX_SERVER, left.get(0), EndpointMXBean.class)
                .getLastFailure());
    }
}
