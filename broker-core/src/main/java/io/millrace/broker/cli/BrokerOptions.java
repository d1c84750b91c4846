// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.server.BrokerCall;
import io.millrace.broker.server.BrokerCall.Login;
import io.millrace.broker.server.CallFailure;
import io.millrace.protocol.kafka.ClusterCodec;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * Which cluster a command asks, and in whose name: mix this in. A password is never an argument, which others on the
 * machine could read: it comes from a file or from the environment.
 */
final class BrokerOptions {
    static final String PASSWORD_VARIABLE = "MILLRACE_PASSWORD";

    /** A broker that holds nothing of what was named says one of these. */
    private static final Set<ErrorCode> HAS_NO_PART =
            EnumSet.of(ErrorCode.NOT_LEADER, ErrorCode.INVALID_DESTINATION, ErrorCode.UNKNOWN_BRANCH);

    @Option(
            names = "--broker",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            scope = ScopeType.INHERIT,
            description = "A broker of the cluster (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String broker;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Who asks, where brokers want to know. The password is read from --password-file or from the"
                    + " environment variable " + PASSWORD_VARIABLE + ".")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The file whose first line is the password of --user.")
    private @Nullable Path passwordFile;

    /** Who asks; {@code null} for nobody in particular. */
    @Nullable
    Login login() {
        return login(user, passwordFile, System.getenv());
    }

    static @Nullable Login login(@Nullable String user, @Nullable Path passwordFile, Map<String, String> environment) {
        if (user == null) {
            if (passwordFile != null) {
                throw new CommandFailure("--password-file is given without --user");
            }
            return null;
        }
        String password = passwordFile == null ? environment.get(PASSWORD_VARIABLE) : firstLine(passwordFile);
        if (password == null || password.isEmpty()) {
            throw new CommandFailure("There is no password for --user " + user + ": "
                    + (passwordFile == null
                            ? "give --password-file or set " + PASSWORD_VARIABLE
                            : "the first line of " + passwordFile + " is empty"));
        }
        return new Login(user, password);
    }

    private static @Nullable String firstLine(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse(null);
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new CommandFailure("The password file " + file + " cannot be read: " + e);
        }
    }

    /** Asks the broker that was named. */
    MillraceResponse send(MillraceRequest request) {
        return BrokerCall.send(broker, login(), request);
    }

    /**
     * Asks every broker of the cluster, one after the other: each answers for the partitions that it serves. Those that
     * have no part in it are left out, unless none has.
     *
     * @return the answers of those that have, at least one
     */
    List<MillraceResponse> sendToAll(MillraceRequest request) {
        Login login = login();
        List<MillraceResponse> answers = new ArrayList<>();
        CallFailure noPart = null;
        for (String address : addresses(login)) {
            try {
                answers.add(BrokerCall.send(address, login, request));
            } catch (CallFailure e) {
                if (!HAS_NO_PART.contains(e.code())) {
                    throw answers.isEmpty()
                            ? e
                            : new CommandFailure(
                                    e.getMessage() + " (broker " + address + "; " + answers.size()
                                            + " others have done their part: call it again)",
                                    e.code());
                }
                noPart = noPart == null || noPart.code() == ErrorCode.NOT_LEADER ? e : noPart;
            }
        }
        if (answers.isEmpty() && noPart != null) {
            throw noPart;
        }
        return answers;
    }

    /** Of a single broker the address that was given: the one it tells may be for others. */
    private List<String> addresses(@Nullable Login login) {
        try (BrokerCall call = BrokerCall.open(broker, login)) {
            List<ClusterCodec.Broker> brokers = call.brokers();
            return brokers.size() < 2
                    ? List.of(broker)
                    : brokers.stream().map(one -> one.host() + ":" + one.port()).toList();
        }
    }
}
