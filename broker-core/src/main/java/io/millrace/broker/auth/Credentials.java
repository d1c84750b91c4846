// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.config.ConfigException;
import io.millrace.protocol.sasl.ScramCredential;
import io.millrace.protocol.sasl.ScramMechanism;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may come in: the users of the credentials file, by password, and the SCRAM users of the cluster; a user of both is
 * the file's. Safe for any thread.
 */
public final class Credentials {
    /** The kind of document that holds a user's SCRAM credentials, a property for each mechanism. */
    public static final String SCRAM_USERS = "scram-users";

    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

    private final Map<String, String> passwords;
    private final Cluster cluster;
    private final Map<String, ScramCredential> derived = new ConcurrentHashMap<>();
    private final Map<ScramMechanism, ScramCredential> nobody = new ConcurrentHashMap<>();
    private final String nobodysSalts = UUID.randomUUID().toString();

    public Credentials(Map<String, String> passwords, Cluster cluster) {
        this.passwords = Map.copyOf(passwords);
        this.cluster = cluster;
    }

    /**
     * Reads a credentials file: a properties file in UTF-8, a line {@code user = password} for each user.
     *
     * @throws ConfigException when it cannot be read or a password is empty
     */
    public static Map<String, String> readFile(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException("Cannot read sasl.credentials.file %s: %s".formatted(file, e), e);
        }
        Map<String, String> passwords = new HashMap<>();
        for (String user : properties.stringPropertyNames()) {
            if (properties.getProperty(user).isEmpty()) {
                throw new ConfigException("User '%s' in sasl.credentials.file %s has no password: write %s = password"
                        .formatted(user, file, user));
            }
            passwords.put(user, properties.getProperty(user));
        }
        return passwords;
    }

    /** Whether the credentials file has this user with this password. */
    boolean hasPassword(String user, String password) {
        String right = passwords.get(user);
        return MessageDigest.isEqual(password.getBytes(UTF_8), (right == null ? "" : right).getBytes(UTF_8))
                && right != null;
    }

    /** The user's credential; for a user who does not exist one that no password fits, so that names are not told. */
    ScramCredential scram(ScramMechanism mechanism, String user) {
        String password = passwords.get(user);
        if (password != null) {
            return derived.computeIfAbsent(
                    mechanism.label() + " " + user,
                    key -> ScramCredential.of(mechanism, password, ScramMechanism.MIN_ITERATIONS));
        }
        ScramCredential stored = stored(mechanism, user);
        if (stored != null) {
            return stored;
        }
        // With one salt for all of them, two names that do not exist would be known by it.
        return nobody.computeIfAbsent(
                        mechanism,
                        key -> ScramCredential.of(key, UUID.randomUUID().toString(), ScramMechanism.MIN_ITERATIONS))
                .withSaltFor(mechanism, nobodysSalts, user);
    }

    private @Nullable ScramCredential stored(ScramMechanism mechanism, String user) {
        ClusterDocument document = cluster.view().documents(SCRAM_USERS).get(user);
        String text = document == null ? null : document.properties().get(mechanism.label());
        if (text == null) {
            return null;
        }
        try {
            return ScramCredential.parse(text);
        } catch (IllegalArgumentException e) {
            LOG.error("The {} credential of user {} in ZooKeeper cannot be read: set it anew", mechanism, user, e);
            return null;
        }
    }
}
