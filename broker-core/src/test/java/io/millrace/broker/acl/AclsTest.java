// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.acl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.auth.Principal;
import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AclsTest {
    private static final Principal ALICE = new Principal("alice");
    private static final String HOST = "10.0.0.1";

    private final Acls acls = new Acls(Set.of("User:root"), false);
    private final Map<String, ClusterDocument> documents = new HashMap<>();

    private void rule(
            boolean prefixed, String name, String principal, String host, Operation operation, boolean allow) {
        String pattern = new ResourcePattern(ResourceType.TOPIC, prefixed, name).documentName();
        Map<String, String> rules = new HashMap<>();
        if (documents.containsKey(pattern)) {
            rules.putAll(documents.get(pattern).properties());
        }
        rules.put(new AclRule(principal, host, operation, allow).toText(), "");
        documents.put(pattern, new ClusterDocument(Acls.DOCUMENTS, pattern, rules));
        publish(acls);
    }

    private void publish(Acls to) {
        to.onChange(ClusterView.of(List.of(), -1, List.of(), Map.of(Acls.DOCUMENTS, Map.copyOf(documents))));
    }

    private boolean may(Operation operation, String topic) {
        return acls.allows(ALICE, HOST, operation, ResourceType.TOPIC, topic);
    }

    @Test
    void withoutARuleOnlySuperUsersMay() {
        assertFalse(may(Operation.READ, "t"));
        assertTrue(acls.allows(new Principal("root"), HOST, Operation.ALTER, ResourceType.TOPIC, "t"));
    }

    @Test
    void whatNoRuleNamesIsFreeWhereConfigured() {
        Acls open = new Acls(Set.of(), true);
        rule(false, "guarded", "User:bob", "*", Operation.READ, true);
        publish(open);

        assertTrue(open.allows(ALICE, HOST, Operation.READ, ResourceType.TOPIC, "other"));
        assertFalse(open.allows(ALICE, HOST, Operation.READ, ResourceType.TOPIC, "guarded"));
    }

    @Test
    void literalPrefixAndWildcardNamesMatch() {
        rule(false, "exact", "User:alice", "*", Operation.READ, true);
        rule(true, "team-", "User:alice", "*", Operation.WRITE, true);
        rule(false, "*", "User:alice", "*", Operation.CREATE, true);

        assertTrue(may(Operation.READ, "exact"));
        assertFalse(may(Operation.READ, "exactly"));
        assertTrue(may(Operation.WRITE, "team-a"));
        assertFalse(may(Operation.WRITE, "team"));
        assertTrue(may(Operation.CREATE, "anything"));
        assertFalse(acls.allows(ALICE, HOST, Operation.READ, ResourceType.GROUP, "exact"));
    }

    @Test
    void aDenialGoesBeforeAnyAllowance() {
        rule(false, "*", "User:*", "*", Operation.ALL, true);
        rule(true, "secret-", "User:alice", "*", Operation.READ, false);

        assertTrue(may(Operation.READ, "open"));
        assertFalse(may(Operation.READ, "secret-1"));
        assertTrue(may(Operation.WRITE, "secret-1"));
    }

    @Test
    void hostsAndUsersAreTakenAtTheirWord() {
        rule(false, "t", "User:alice", HOST, Operation.READ, true);

        assertTrue(may(Operation.READ, "t"));
        assertFalse(acls.allows(ALICE, "10.0.0.2", Operation.READ, ResourceType.TOPIC, "t"));
        assertFalse(acls.allows(new Principal("alic"), HOST, Operation.READ, ResourceType.TOPIC, "t"));
    }

    @Test
    void readingWritingDeletingAndAlteringImplyDescribing() {
        rule(false, "t", "User:alice", "*", Operation.WRITE, true);
        rule(false, "u", "User:alice", "*", Operation.ALTER_CONFIGS, true);

        assertTrue(may(Operation.DESCRIBE, "t"));
        assertFalse(may(Operation.READ, "t"));
        assertTrue(may(Operation.DESCRIBE_CONFIGS, "u"));
        assertFalse(may(Operation.DESCRIBE, "u"));
        assertTrue(acls.allowsSome(ALICE, HOST, Operation.WRITE, ResourceType.TOPIC));
        assertFalse(acls.allowsSome(ALICE, HOST, Operation.DELETE, ResourceType.TOPIC));
    }

    @Test
    void aChangeOfTheRulesChangesTheDecision() {
        rule(false, "t", "User:alice", "*", Operation.READ, true);
        assertTrue(may(Operation.READ, "t"));

        documents.clear();
        publish(acls);

        assertFalse(may(Operation.READ, "t"));
    }

    @Test
    void rulesAndPatternsSurviveBeingWritten() {
        AclRule rule = new AclRule("User:a|b", "*", Operation.ALL, false);
        ResourcePattern pattern = new ResourcePattern(ResourceType.GROUP, true, "a:b");

        assertEquals(rule, AclRule.parse(rule.toText()));
        assertEquals(pattern, ResourcePattern.parse(pattern.documentName()));
        assertThrows(
                ConfigException.class,
                () -> Acls.of(BrokerConfig.of(Map.of("authorizer", "acl", "super.users", "root"))));
    }
}
