// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.BrokerCall;
import io.millrace.broker.server.BrokerCall.Login;
import io.millrace.broker.server.CallFailure;
import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.ManageGroup.Action;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.SubscriptionKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Who may ask for what operators do with queues and subscriptions (APIs 20020 and 20021), and how a command says who asks. */
@Timeout(90)
class OperatorAccessTest {
    private static EmbeddedBroker broker;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws Exception {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = pw\nalter = pw\ndelete = pw\ndescribe = pw\nnobody = pw\n");
        broker = EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("authorizer", "acl")
                .set("super.users", "User:admin")
                .start();
        try (Admin admin = Admin.create(Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                        + " password=\"pw\";"))) {
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1), new NewTopic("other", 1, (short) 1)))
                    .all()
                    .get();
            admin.createAcls(List.of(
                            allow("alter", AclOperation.ALTER),
                            allow("delete", AclOperation.DELETE),
                            allow("describe", AclOperation.DESCRIBE)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static AclBinding allow(String user, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "orders", PatternType.LITERAL),
                new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private static @Nullable ErrorCode codeOf(String user, MillraceRequest request) {
        try {
            BrokerCall.send(broker.bootstrapServers(), new Login(user, "pw"), request);
            return null;
        } catch (CallFailure e) {
            return e.code();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PAUSE, alter",
        "RESUME, alter",
        "RESET, alter",
        "PURGE, delete",
        "DELETE, delete",
    })
    void anActionNeedsItsRightOnTheDestination(Action action, String right) {
        ManageGroup request =
                new ManageGroup("orders", SubscriptionKind.QUEUE, "orders", action, "", ManageGroup.EARLIEST);

        for (String user : List.of("admin", "alter", "delete", "describe", "nobody")) {
            boolean may = user.equals("admin") || user.equals(right);
            assertEquals(!may, codeOf(user, request) == ErrorCode.NOT_AUTHORIZED, user + " " + action);
        }
    }

    @Test
    void movingNeedsWriteOnTheTargetToo() {
        ManageGroup request = new ManageGroup("orders", SubscriptionKind.QUEUE, "orders", Action.MOVE, "other", 0);

        assertEquals(ErrorCode.NOT_AUTHORIZED, codeOf("alter", request), "no WRITE on other");
        assertNull(codeOf("admin", request));
    }

    @Test
    void retryingNeedsAlterOnTheCluster() {
        ManageGroup request = new ManageGroup("orders", SubscriptionKind.QUEUE, "orders", Action.RETRY, "", 0);

        assertEquals(ErrorCode.NOT_AUTHORIZED, codeOf("alter", request));
        assertNull(codeOf("admin", request));
    }

    @Test
    void listingNeedsDescribe() {
        assertNull(codeOf("describe", new ListGroups("orders")));
        assertEquals(ErrorCode.NOT_AUTHORIZED, codeOf("describe", new ListGroups("other")));
        assertEquals(ErrorCode.NOT_AUTHORIZED, codeOf("describe", new ListGroups("")), "all: on the cluster");
        assertEquals(ErrorCode.NOT_AUTHORIZED, codeOf("nobody", new ListGroups("orders")));
        assertNull(codeOf("admin", new ListGroups("")));
    }

    // ---- the command line

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }

    private static String passwordFile(String content) throws Exception {
        Path file = Files.createTempFile(directory, "password", "");
        Files.writeString(file, content);
        return file.toString();
    }

    @Test
    void aCommandTakesItsPasswordFromAFile() throws Exception {
        int code = run(
                "queues",
                "--broker",
                broker.bootstrapServers(),
                "--user",
                "admin",
                "--password-file",
                passwordFile("pw\nnot this\n"),
                "list");

        assertEquals(0, code, err.toString());
        assertTrue(out.toString().startsWith("DESTINATION"), out.toString());
    }

    @Test
    void optionsMayStandBehindTheSubcommand() throws Exception {
        int code = run(
                "groups",
                "list",
                "--broker",
                broker.bootstrapServers(),
                "--user",
                "admin",
                "--password-file",
                passwordFile("pw"));

        assertEquals(0, code, err.toString());
    }

    @Test
    void aWrongPasswordAndAMissingUserAreToldInOneSentence() throws Exception {
        assertEquals(
                1,
                run(
                        "queues",
                        "--broker",
                        broker.bootstrapServers(),
                        "--user",
                        "admin",
                        "--password-file",
                        passwordFile("wrong"),
                        "list"));
        assertTrue(err.toString().contains("refuses the user or password"), err.toString());

        assertEquals(1, run("queues", "--broker", broker.bootstrapServers(), "list"));
        assertTrue(err.toString().contains("--user"), err.toString());
        assertEquals(2, err.toString().lines().count(), err.toString());
    }

    @Test
    void aPasswordComesFromTheFileOrTheEnvironmentOnly() throws Exception {
        Map<String, String> environment = Map.of("MILLRACE_PASSWORD", "of the environment");

        assertEquals("of the environment", passwordOf("ann", null, environment));
        assertEquals("of the file", passwordOf("ann", Path.of(passwordFile("of the file\n")), environment));
        assertNull(BrokerOptions.login(null, null, environment), "nobody in particular");
        assertThrows(CommandFailure.class, () -> BrokerOptions.login("ann", null, Map.of()));
        assertThrows(CommandFailure.class, () -> BrokerOptions.login("ann", directory.resolve("missing"), environment));
        assertThrows(
                CommandFailure.class,
                () -> BrokerOptions.login(null, Path.of(passwordFile("x")), environment),
                "a password of nobody");
        assertEquals("ann", String.valueOf(BrokerOptions.login("ann", null, environment)), "not printed");
    }

    private static @Nullable String passwordOf(String user, @Nullable Path file, Map<String, String> environment) {
        Login login = BrokerOptions.login(user, file, environment);
        return login == null ? null : login.password();
    }

    @Test
    void aBrokerThatIsNotThereIsNamed() {
        assertEquals(1, run("queues", "--broker", "127.0.0.1:1", "list"));

        assertTrue(err.toString().contains("127.0.0.1:1"), err.toString());
    }
}
