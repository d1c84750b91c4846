// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigTableTest {
    private static final String REGENERATE = "millrace.docs.write";

    /** Surefire runs in the module's directory. */
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    private static final Path GROUP_PAGE = Path.of("..", "docs", "group-settings.md");

    private static final Path TOPIC_PAGE = Path.of("..", "docs", "topic-settings.md");

    @Test
    void theDocumentedTableIsTheOneOfTheCode() throws IOException {
        String expected = ConfigTable.markdown();
        if (Boolean.getBoolean(REGENERATE)) {
            Files.writeString(PAGE, expected);
        }
        assertEquals(
                expected,
                Files.exists(PAGE) ? Files.readString(PAGE) : "",
                "docs/configuration.md is stale; make it again with: mvn -pl broker-core -am test"
                        + " -Dtest=ConfigTableTest -Dsurefire.failIfNoSpecifiedTests=false -D" + REGENERATE + "=true");
    }

    @Test
    void theDocumentedTableOfTopicSettingsIsTheOneOfTheCode() throws IOException {
        String expected = ConfigTable.topicMarkdown();
        if (Boolean.getBoolean(REGENERATE)) {
            Files.writeString(TOPIC_PAGE, expected);
        }

        assertEquals(
                expected,
                Files.exists(TOPIC_PAGE) ? Files.readString(TOPIC_PAGE) : "",
                "docs/topic-settings.md is stale; it is made again together with docs/configuration.md");
    }

    @Test
    void theDocumentedTableOfGroupSettingsIsTheOneOfTheCode() throws IOException {
        String expected = ConfigTable.groupMarkdown();
        if (Boolean.getBoolean(REGENERATE)) {
            Files.writeString(GROUP_PAGE, expected);
        }

        assertEquals(
                expected,
                Files.exists(GROUP_PAGE) ? Files.readString(GROUP_PAGE) : "",
                "docs/group-settings.md is stale; it is made again together with docs/configuration.md");
    }

    @Test
    void groupKeysHaveTheUnitAndDefaultOfTheirBrokerSetting() {
        for (GroupConfigKey<?> group : GroupConfigKeys.all()) {
            ConfigKey<?> broker = group.brokerKey();
            if (broker != null) {
                assertEquals(broker.unit(), group.key().unit(), group.name());
                assertEquals(broker.defaultValue(), group.key().defaultValue(), group.name());
            }
            assertTrue(group.key().doc().endsWith("."), group.name());
        }
    }

    @Test
    void topicKeysHaveTheTypeUnitAndDefaultOfTheirBrokerSetting() {
        for (TopicConfigKey<?> topic : TopicConfigKeys.all()) {
            ConfigKey<?> broker = topic.brokerKey();
            if (broker != null) {
                assertEquals(broker.unit(), topic.key().unit(), topic.name());
                assertEquals(broker.defaultValue(), topic.key().defaultValue(), topic.name());
            }
            assertTrue(topic.key().doc().endsWith("."), topic.name());
        }
    }

    @Test
    void everyKeyIsOneSentenceWithAUnitWhereItsNameSaysSo() {
        for (ConfigKey<?> key : BrokerConfigKeys.all()) {
            assertTrue(key.doc().endsWith("."), key.name());
            assertTrue(!key.name().endsWith(".ms") || key.unit().equals("ms"), key.name());
            assertTrue(!key.name().endsWith(".bytes") || key.unit().equals("bytes"), key.name());
        }
    }

    @Test
    void everyDefaultIsAllowed() {
        for (ConfigKey<?> key : BrokerConfigKeys.all()) {
            assertEquals(key.defaultValue(), key.parse(String.valueOf(key.defaultValue()), "default"), key.name());
        }
    }
}
