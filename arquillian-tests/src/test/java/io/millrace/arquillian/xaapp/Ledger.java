// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.xaapp;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The numbers that were processed, each at most once: the key is unique. */
@Singleton
@Startup
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
public class Ledger {
    @Resource(lookup = "java:app/jdbc/ledger")
    private DataSource database;

    @PostConstruct
    void createTable() {
        try (Connection connection = database.getConnection();
                ResultSet table = connection.getMetaData().getTables(null, null, "LEDGER", null);
                Statement statement = connection.createStatement()) {
            if (!table.next()) {
                statement.execute("CREATE TABLE ledger (number INT PRIMARY KEY, delivery INT NOT NULL)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public void add(int number, int delivery) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO ledger VALUES (?, ?)")) {
            insert.setInt(1, number);
            insert.setInt(2, delivery);
            insert.executeUpdate();
        }
    }

    /** How many numbers of a range are there, those of transactions that are not committed yet included. */
    public int count(int from, int to) {
        return count(from, to, "WITH UR");
    }

    /** Waits for the transactions that are not committed yet. */
    public int countCommitted(int from, int to) {
        return count(from, to, "WITH CS");
    }

    private int count(int from, int to, String isolation) {
        try (Connection connection = database.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT count(*) FROM ledger WHERE number >= ? AND number < ? " + isolation)) {
            select.setInt(1, from);
            select.setInt(2, to);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
