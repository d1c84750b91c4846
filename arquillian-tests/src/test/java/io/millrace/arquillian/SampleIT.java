// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.broker.server.EmbeddedBroker;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The sample as a newcomer meets it: its HTTP API, its page in a browser, its topic in a Kafka console consumer. */
class SampleIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path directory;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static EmbeddedBroker broker;
    private static PayaraMicro server;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.builder().directory(directory.resolve("broker")).start();
        server = new PayaraMicro(
                directory,
                TestPorts.free(),
                List.of("-Dmillrace.url=" + broker.url(), "-Dderby.system.home=" + directory),
                Path.of(System.getProperty("millrace.test.target"), "millrace-sample.war"));
    }

    @AfterAll
    static void stop() {
        server.close();
        broker.close();
    }

    private static HttpResponse<String> place(String form) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(server.url().resolve("api/orders"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void awaitShippedOnce(String id) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            String order = server.get("api/orders/" + id);
            assertTrue(order.contains("\"state\":\"shipped\",\"payments\":1,\"shipments\":1"), order);
        });
    }

    @Test
    void anOrderIsPaidAndShippedOnceThoughItIsPlacedTwice() throws Exception {
        String form = "item=Hops&quantity=2&id=" + UUID.randomUUID();

        assertEquals(201, place(form).statusCode());
        assertEquals(201, place(form).statusCode());

        awaitShippedOnce(form.substring(form.indexOf("id=") + 3));
        assertTrue(server.get("api/stats").contains("\"doubled\":0"));
    }

    @Test
    void refusesAnOrderThatIsNoneAndSaysWhy() throws Exception {
        HttpResponse<String> answer = place("item=Hops&quantity=1001");

        assertEquals(400, answer.statusCode());
        assertTrue(answer.body().contains("The quantity is 1 to 1000, not 1001"), answer.body());
    }

    @Test
    void theDeskAnswersAQuestionForAPrice() {
        assertEquals("{\"cents\":480}", server.get("api/price?item=Hops"));
    }

    /** The command of the README and of {@code ./millrace demo}, with -e to end at the end. */
    @Test
    void aKafkaConsoleConsumerFollowsTheStatusOfAnOrder() throws Exception {
        String id = UUID.randomUUID().toString();
        place("item=Malt&quantity=3&id=" + id);
        awaitShippedOnce(id);
        Process kcat;
        try {
            kcat = new ProcessBuilder(
                            "kcat", "-q", "-u", "-C", "-b", broker.bootstrapServers(), "-t", "order-status", "-e")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException absent) {
            assumeTrue(false, "kcat is not installed: " + absent.getMessage());
            return;
        }

        String printed = new String(kcat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        List<String> states = printed.lines()
                .filter(line -> line.contains(id))
                .map(line -> line.substring(line.indexOf("\"state\":\"") + 9, line.lastIndexOf('"')))
                .toList();
        assertEquals(List.of("placed", "paid", "shipped"), states, printed);
    }

    @Test
    void thePageShowsAnOrderMovingAndIsUsedByKeyboardOnAPhone() throws Exception {
        Optional<Path> program = Browser.installed();
        assumeTrue(program.isPresent(), "No Chromium on the PATH (apt-get install chromium): the page is not tested");
        try (Browser browser = new Browser(program.get(), directory.resolve("profile"))) {
            browser.preferReducedMotion();
            browser.open(server.url());
            awaitText(browser, "document.getElementById('price')?.textContent", "Price: 1.20 each, 1.20 together");

            browser.evaluate("document.getElementById('item').focus()");
            browser.type("Hops");
            browser.press("Tab", 9, "");
            assertEquals("quantity", browser.evaluate("document.activeElement.id"));
            browser.type("3");
            browser.press("Enter", 13, "\\r");

            awaitText(browser, "document.querySelector('#orders li.shipped')?.firstChild.textContent", "3 × Hops: ");
            awaitText(browser, "document.getElementById('message').textContent", "Your order of 3 × Hops is shipped.");
            awaitText(browser, "document.getElementById('price').textContent", "Price: 4.80 each, 14.40 together");
            assertEquals("0", browser.evaluate("document.getElementById('doubled').textContent"));
            assertEquals("polite", browser.evaluate("document.getElementById('message').getAttribute('aria-live')"));
            assertEquals(
                    "",
                    browser.evaluate("[...document.querySelectorAll('input')].filter(i => !i.labels.length).map(i =>"
                            + " i.id).join()"),
                    "fields without a label");
            assertEquals(
                    "true",
                    browser.evaluate("document.documentElement.scrollWidth <= innerWidth"),
                    "fits the width of a phone");
            assertEquals(
                    "0s", browser.evaluate("getComputedStyle(document.querySelector('#orders i')).transitionDuration"));
        }
    }

    /** The page tells that its server is away and that it is back, by itself. */
    @Test
    void thePageOutlivesARestartOfTheServer() throws Exception {
        Optional<Path> program = Browser.installed();
        assumeTrue(program.isPresent(), "No Chromium on the PATH (apt-get install chromium): the page is not tested");
        try (Browser browser = new Browser(program.get(), directory.resolve("profile-restart"))) {
            String id = UUID.randomUUID().toString();
            place("item=Flour&quantity=7&id=" + id);
            awaitShippedOnce(id);
            browser.open(server.url());
            awaitText(
                    browser,
                    "[...document.querySelectorAll('#orders li.shipped')].some(l => l.textContent.startsWith('7'))",
                    "true");

            server.kill();
            awaitText(browser, "document.getElementById('message').className", "error");
            server.restart();

            awaitText(browser, "document.getElementById('message').textContent", "The server is back.");
            browser.evaluate("document.getElementById('form').requestSubmit()");
            awaitText(browser, "document.getElementById('message').textContent", "Your order of 1 × Flour is shipped.");
        }
    }

    private static void awaitText(Browser browser, String expression, String expected) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertEquals(expected, browser.evaluate(expression)));
    }

    @Test
    void theFormSaysWhereItGoesWithoutJavaScript() {
        String page = server.get("");
        assertTrue(page.contains("action=\"api/orders\" method=\"post\""), page);
    }
}
