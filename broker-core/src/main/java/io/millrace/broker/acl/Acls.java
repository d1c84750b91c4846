// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.acl;

import static io.millrace.broker.config.BrokerConfigKeys.ALLOW_EVERYONE_IF_NO_ACL_FOUND;
import static io.millrace.broker.config.BrokerConfigKeys.AUTHORIZER;
import static io.millrace.broker.config.BrokerConfigKeys.SUPER_USERS;

import io.millrace.broker.auth.Principal;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access rules in force. A denial goes before any allowance; what no rule allows is denied, but for super users and,
 * where configured, for resources that no rule names. Decisions are remembered until a rule changes. Safe for any thread.
 */
public final class Acls implements Cluster.Listener {
    /** The kind of document that holds a pattern's rules, a property without value for each. */
    public static final String DOCUMENTS = "acls";

    private static final Logger LOG = LoggerFactory.getLogger(Acls.class);
    private static final int MAX_REMEMBERED = 10_000;

    /** As long as a topic's name can be. */
    private static final int LONGEST_REMEMBERED = 249;

    private final Set<String> superUsers;
    private final boolean allowIfNoRule;
    private Map<String, ClusterDocument> documents = Map.of();
    private volatile Rules rules = new Rules(Map.of());

    /**
     * @param superUsers who may do everything, {@code User:name} each
     * @param allowIfNoRule whether everybody may use what no rule names
     */
    public Acls(Set<String> superUsers, boolean allowIfNoRule) {
        this.superUsers = Set.copyOf(superUsers);
        this.allowIfNoRule = allowIfNoRule;
    }

    /** As the broker is configured; {@code null} when everybody may do everything. */
    public static @Nullable Acls of(BrokerConfig config) {
        if (config.get(AUTHORIZER).equals("none")) {
            return null;
        }
        Set<String> superUsers = Arrays.stream(config.get(SUPER_USERS).split(";"))
                .map(String::strip)
                .filter(user -> !user.isEmpty())
                .collect(Collectors.toSet());
        for (String user : superUsers) {
            if (!user.startsWith("User:")) {
                throw new ConfigException("Bad value '%s' in super.users: write User:%s".formatted(user, user));
            }
        }
        return new Acls(superUsers, config.get(ALLOW_EVERYONE_IF_NO_ACL_FOUND));
    }

    @Override
    public void onChange(ClusterView view) {
        Map<String, ClusterDocument> present = view.documents(DOCUMENTS);
        if (present.equals(documents)) {
            return;
        }
        documents = present;
        Map<ResourcePattern, List<AclRule>> parsed = new HashMap<>();
        present.values().forEach(document -> {
            try {
                parsed.put(
                        ResourcePattern.parse(document.name()),
                        document.properties().keySet().stream()
                                .map(AclRule::parse)
                                .toList());
            } catch (IllegalArgumentException e) {
                LOG.error("The access rules {} cannot be read and do not count", document.name(), e);
            }
        });
        rules = new Rules(Map.copyOf(parsed));
        LOG.info("Access rules of {} resource patterns are in force", parsed.size());
    }

    /** All rules. */
    public Map<ResourcePattern, List<AclRule>> all() {
        return rules.byPattern;
    }

    /** Whether this client may do this. */
    public boolean allows(Principal principal, String host, Operation operation, ResourceType type, String name) {
        return allows(principal.toString(), host, operation, type, name);
    }

    /** @param principal {@code User:name} */
    public boolean allows(String principal, String host, Operation operation, ResourceType type, String name) {
        if (superUsers.contains(principal)) {
            return true;
        }
        Rules present = rules;
        Question question = new Question(principal, host, operation, type, name);
        Boolean known = present.decided.get(question);
        if (known != null) {
            return known;
        }
        boolean decided = decide(present, question);
        if (name.length() <= LONGEST_REMEMBERED) {
            if (present.decided.size() >= MAX_REMEMBERED) {
                present.decided.clear();
            }
            present.decided.put(question, decided);
        }
        return decided;
    }

    private boolean decide(Rules present, Question question) {
        List<AclRule> about = new ArrayList<>();
        present.byPattern.forEach((pattern, ofPattern) -> {
            if (pattern.matches(question.type, question.name)) {
                about.addAll(ofPattern);
            }
        });
        if (about.isEmpty()) {
            return allowIfNoRule;
        }
        boolean allowed = false;
        for (AclRule rule : about) {
            if (!rule.isFor(question.principal, question.host)) {
                continue;
            }
            if (!rule.allow() && (rule.operation() == Operation.ALL || rule.operation() == question.operation)) {
                return false;
            }
            allowed |= rule.allow() && rule.operation().implies(question.operation);
        }
        return allowed;
    }

    /** Whether this client may do this to at least one resource of the type, by a rule that is not denied as a whole. */
    public boolean allowsSome(Principal principal, String host, Operation operation, ResourceType type) {
        if (superUsers.contains(principal.toString()) || (allowIfNoRule && all().isEmpty())) {
            return true;
        }
        for (ResourcePattern pattern : all().keySet()) {
            if (pattern.type() == type && allows(principal, host, operation, type, pattern.name())) {
                return true;
            }
        }
        return false;
    }

    private record Question(String principal, String host, Operation operation, ResourceType type, String name) {}

    private static final class Rules {
        private final Map<ResourcePattern, List<AclRule>> byPattern;
        private final Map<Question, Boolean> decided = new ConcurrentHashMap<>();

        Rules(Map<ResourcePattern, List<AclRule>> byPattern) {
            this.byPattern = byPattern;
        }
    }
}
