// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a broker's settings together: the file, overridden by the environment, overridden by the command line. A key that
 * is not known is refused wherever it stands.
 */
public final class ConfigLoader {
    private static final String PREFIX = "MILLRACE_";

    /** What the launcher script reads. */
    private static final Set<String> LAUNCHER = Set.of("MILLRACE_HEAP", "MILLRACE_JAVA_OPTS", "MILLRACE_HOME");

    private ConfigLoader() {}

    /**
     * @param file a properties file in UTF-8, or {@code null}
     * @param environment the process's environment
     * @param assignments {@code key=value} from the command line; a later one wins
     * @throws ConfigException when the file cannot be read, a key is unknown or a value is outside its range
     */
    public static BrokerConfig load(@Nullable Path file, Map<String, String> environment, List<String> assignments) {
        BrokerConfig config = BrokerConfig.defaults();
        if (file != null) {
            Properties properties = read(file);
            for (String name : properties.stringPropertyNames()) {
                config = config.with(name, properties.getProperty(name), "file " + file);
            }
        }
        config = withEnvironment(config, environment);
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals <= 0) {
                throw new ConfigException("Bad option --set '%s': write --set key=value".formatted(assignment));
            }
            String name = assignment.substring(0, equals).strip();
            config = config.with(name, assignment.substring(equals + 1), "option --set");
        }
        return config;
    }

    static String environmentName(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    private static BrokerConfig withEnvironment(BrokerConfig start, Map<String, String> environment) {
        Map<String, String> keys = new HashMap<>();
        BrokerConfigKeys.all().forEach(key -> keys.put(key.environmentName(), key.name()));
        BrokerConfig config = start;
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String name = variable.getKey();
            if (!name.startsWith(PREFIX) || isForeign(name)) {
                continue;
            }
            String key = keys.get(name);
            if (key == null) {
                throw new ConfigException("Unknown setting in environment variable %s: did you mean %s?"
                        .formatted(name, NearestName.of(name, keys.keySet())));
            }
            config = config.with(key, variable.getValue(), "environment variable " + name);
        }
        return config;
    }

    /** Kubernetes sets MILLRACE_SERVICE_HOST, MILLRACE_PORT_9092_TCP and the like for a service of our name. */
    private static boolean isForeign(String name) {
        return LAUNCHER.contains(name)
                || name.equals("MILLRACE_PORT")
                || name.startsWith("MILLRACE_PORT_")
                || name.startsWith("MILLRACE_SERVICE_");
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigException("There is no configuration file " + file, e);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException("Cannot read configuration file %s: %s".formatted(file, e), e);
        }
        return properties;
    }
}
