// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

/** What is asked of each server; a row of the table in {@code docs/servers.md}. */
enum Scenario {
    DEPLOY("deploy"),
    INJECT("inject factory, destinations"),
    SEND_IN_TRANSACTION("send in a JTA transaction"),
    JMS_CONTEXT("injected JMSContext"),
    RECEIVE("MDB receives"),
    REDELIVERY("rollback, redelivery, JMSXDeliveryCount"),
    DEAD_LETTER("dead letter"),
    DURABLE_SUBSCRIPTION("durable subscription"),
    REDEPLOY("undeploy, redeploy"),
    BROKER_KILL("broker kill -9 under load, XA MDB exactly once"),
    RECOVERY_COMMIT("server kill -9, recovery commits what was decided"),
    RECOVERY_ROLLBACK("server kill -9, recovery rolls back what was not");

    private final String title;

    Scenario(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
