// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

import io.millrace.protocol.sasl.PlainToken;
import io.millrace.protocol.sasl.SaslFailure;
import io.millrace.protocol.sasl.ScramMechanism;
import io.millrace.protocol.sasl.ScramServer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mechanisms there are. */
public enum SaslMechanism {
    PLAIN("PLAIN") {
        @Override
        Exchange start(Credentials credentials) {
            return new PlainExchange(credentials);
        }
    },
    SCRAM_SHA_256(ScramMechanism.SHA_256.label()) {
        @Override
        Exchange start(Credentials credentials) {
            return new ScramExchange(ScramMechanism.SHA_256, credentials);
        }
    },
    SCRAM_SHA_512(ScramMechanism.SHA_512.label()) {
        @Override
        Exchange start(Credentials credentials) {
            return new ScramExchange(ScramMechanism.SHA_512, credentials);
        }
    };

    private final String label;

    SaslMechanism(String label) {
        this.label = label;
    }

    /** What SaslHandshake calls it. */
    public String label() {
        return label;
    }

    /** The mechanism of this name, or {@code null}. */
    public static @Nullable SaslMechanism forLabel(String label) {
        return Arrays.stream(values())
                .filter(mechanism -> mechanism.label.equals(label))
                .findFirst()
                .orElse(null);
    }

    /** All names. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(SaslMechanism::label).toList();
    }

    abstract Exchange start(Credentials credentials);

    /** A server's side of one exchange; throws {@link SaslFailure} when the client fails. */
    interface Exchange {
        byte[] answer(byte[] token);

        boolean isDone();

        /** Who it is, once done. */
        String user();
    }

    private static final class PlainExchange implements Exchange {
        private final Credentials credentials;
        private @Nullable String user;

        PlainExchange(Credentials credentials) {
            this.credentials = credentials;
        }

        @Override
        public byte[] answer(byte[] bytes) {
            PlainToken token = PlainToken.parse(bytes);
            if (!credentials.hasPassword(token.user(), token.password())) {
                throw new SaslFailure("wrong password, or no user '" + token.user() + "' in the credentials file");
            }
            user = token.user();
            return new byte[0];
        }

        @Override
        public boolean isDone() {
            return user != null;
        }

        @Override
        public String user() {
            if (user == null) {
                throw new IllegalStateException("the exchange is not done");
            }
            return user;
        }
    }

    private static final class ScramExchange implements Exchange {
        private final ScramServer server;

        ScramExchange(ScramMechanism mechanism, Credentials credentials) {
            server = new ScramServer(mechanism, user -> credentials.scram(mechanism, user));
        }

        @Override
        public byte[] answer(byte[] token) {
            return server.answer(token);
        }

        @Override
        public boolean isDone() {
            return server.isDone();
        }

        @Override
        public String user() {
            return server.user();
        }
    }
}
