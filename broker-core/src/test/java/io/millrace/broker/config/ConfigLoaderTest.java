// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import static io.millrace.broker.config.BrokerConfigKeys.AUTO_CREATE_TOPICS_ENABLE;
import static io.millrace.broker.config.BrokerConfigKeys.LISTEN_PORT;
import static io.millrace.broker.config.BrokerConfigKeys.NUM_PARTITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("millrace.properties"), text);
    }

    private static String refusal(Path file, Map<String, String> environment, String... assignments) {
        return assertThrows(ConfigException.class, () -> ConfigLoader.load(file, environment, List.of(assignments)))
                .getMessage();
    }

    @Test
    void nothingSetMeansTheDefaults() {
        BrokerConfig config = ConfigLoader.load(null, Map.of("PATH", "/bin"), List.of());
        assertEquals(9092, config.get(LISTEN_PORT));
        assertFalse(config.isSet(LISTEN_PORT));
    }

    @Test
    void theEnvironmentOverridesTheFileAndTheCommandLineBoth() throws IOException {
        // Given
        Path file = file("listen.port=1\nnum.partitions=2\nauto.create.topics.enable=false\n");
        Map<String, String> environment = Map.of("MILLRACE_LISTEN_PORT", "3", "MILLRACE_NUM_PARTITIONS", "4");
        // When
        BrokerConfig config = ConfigLoader.load(file, environment, List.of("listen.port=5", "listen.port=6"));
        // Then
        assertEquals(6, config.get(LISTEN_PORT));
        assertEquals(4, config.get(NUM_PARTITIONS));
        assertEquals(false, config.get(AUTO_CREATE_TOPICS_ENABLE));
    }

    @Test
    void anUnknownKeyIsRefusedWithTheNearestOne() throws IOException {
        assertEquals(
                "Unknown setting 'listen.prot' (option --set): did you mean listen.port?",
                refusal(null, Map.of(), "listen.prot=1"));
        Path file = file("num.partition=3");
        assertEquals(
                "Unknown setting 'num.partition' (file %s): did you mean num.partitions?".formatted(file),
                refusal(file, Map.of()));
        assertEquals(
                "Unknown setting in environment variable MILLRACE_BROKERID: did you mean MILLRACE_BROKER_ID?",
                refusal(null, Map.of("MILLRACE_BROKERID", "1")));
    }

    @ParameterizedTest
    @CsvSource({
        "listen.port, 65536",
        "listen.port, -1",
        "listen.port, http",
        "listen.port, ''",
        "auto.create.topics.enable, yes",
        "num.partitions, 0",
        "connections.max.idle.ms, 1h"
    })
    void aBadValueIsRefusedWithKeyValueAndRange(String key, String value) {
        // When
        String message = refusal(null, Map.of(), key + "=" + value);
        // Then
        assertTrue(
                message.startsWith("Bad value '%s' for %s (option --set): allowed is ".formatted(value, key)), message);
    }

    @Test
    void anAssignmentWithoutAValueIsRefused() {
        assertEquals("Bad option --set 'listen.port': write --set key=value", refusal(null, Map.of(), "listen.port"));
    }

    @Test
    void whatTheLauncherAndKubernetesSetIsPassedOver() {
        ConfigLoader.load(
                null,
                Map.of(
                        "MILLRACE_HEAP", "1g",
                        "MILLRACE_PORT", "tcp://10.0.0.1:9092",
                        "MILLRACE_PORT_9092_TCP", "tcp://10.0.0.1:9092",
                        "MILLRACE_SERVICE_HOST", "10.0.0.1"),
                List.of());
    }

    @Test
    void aFileThatIsMissingOrBrokenIsNamed() throws IOException {
        Path missing = directory.resolve("none.properties");
        assertEquals("There is no configuration file " + missing, refusal(missing, Map.of()));
        Path broken = file("listen.host=\\u12");
        assertTrue(refusal(broken, Map.of()).startsWith("Cannot read configuration file " + broken));
    }

    @Test
    void editsAreCountedByLevenshtein() {
        assertEquals(0, NearestName.distance("abc", "abc"));
        assertEquals(3, NearestName.distance("", "abc"));
        assertEquals(1, NearestName.distance("abc", "abd"));
        assertEquals(2, NearestName.distance("ab", "ba"));
        assertEquals(1, NearestName.distance("abc", "ac"));
    }
}
