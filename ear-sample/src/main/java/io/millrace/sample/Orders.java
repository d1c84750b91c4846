// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.EJBException;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The tables. Each method joins its caller's transaction.
 *
 * <p>Payments and shipments are counted, not just noted, so that anyone can see that each happens once.
 */
@Singleton
@Startup
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
public class Orders {
    @Resource(lookup = "java:app/jdbc/orders")
    private DataSource database;

    private interface Query<T> {
        T read(PreparedStatement statement) throws SQLException;
    }

    @PostConstruct
    void createTables() {
        if (!with(
                "SELECT 1 FROM sys.systables WHERE tablename = 'ORDERS'",
                select -> select.executeQuery().next())) {
            with(
                    "CREATE TABLE orders (id CHAR(36) PRIMARY KEY, placed BIGINT GENERATED ALWAYS AS IDENTITY,"
                            + " item VARCHAR(100) NOT NULL, quantity INT NOT NULL, state VARCHAR(10) NOT NULL,"
                            + " payments INT NOT NULL, shipments INT NOT NULL)",
                    PreparedStatement::execute);
            with("CREATE INDEX latest ON orders (placed DESC)", PreparedStatement::execute);
        }
    }

    private <T> T with(String sql, Query<T> query, Object... values) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int index = 0; index < values.length; index++) {
                statement.setObject(index + 1, values[index]);
            }
            return query.read(statement);
        } catch (SQLException e) {
            throw new EJBException("The database failed: " + e.getMessage(), e);
        }
    }

    /** Whether it is new; a client that got no answer places its order again. */
    public boolean add(Order order) {
        boolean isNew = find(order.id()).isEmpty();
        if (isNew) {
            with(
                    "INSERT INTO orders VALUES (?, DEFAULT, ?, ?, 'placed', 0, 0)",
                    PreparedStatement::executeUpdate,
                    order.id(),
                    order.item(),
                    order.quantity());
        }
        return isNew;
    }

    public void paid(Order order) {
        update("UPDATE orders SET state = 'paid', payments = payments + 1 WHERE id = ?", order);
    }

    public void shipped(Order order) {
        update("UPDATE orders SET state = 'shipped', shipments = shipments + 1 WHERE id = ?", order);
    }

    /**
     * Pattern: come again. A transaction manager commits one resource after the other, so a message may arrive before the row
     * that was written with it is visible. The exception rolls back; the message is delivered again a little later.
     */
    private void update(String sql, Order order) {
        if (with(sql, PreparedStatement::executeUpdate, order.id()) != 1) {
            throw new EJBException("Order " + order.id() + " is not in the database yet");
        }
    }

    public Optional<JsonObject> find(String id) {
        JsonArray found = with("SELECT * FROM orders WHERE id = ?", Orders::rows, id);
        return found.stream().map(JsonValue::asJsonObject).findFirst();
    }

    /** The 50 that were placed last, the newest at the end. */
    public JsonArray latest() {
        return with(
                "SELECT * FROM (SELECT * FROM orders ORDER BY placed DESC FETCH FIRST 50 ROWS ONLY) AS latest ORDER BY"
                        + " placed",
                Orders::rows);
    }

    private static JsonArray rows(PreparedStatement select) throws SQLException {
        JsonArrayBuilder rows = Json.createArrayBuilder();
        ResultSet row = select.executeQuery();
        while (row.next()) {
            Order order = new Order(row.getString("id"), row.getString("item"), row.getInt("quantity"));
            rows.add(Json.createObjectBuilder(order.toJson(row.getString("state")))
                    .add("payments", row.getInt("payments"))
                    .add("shipments", row.getInt("shipments")));
        }
        return rows.build();
    }

    /** How many orders got how far, and how many were paid or shipped more than once. Waits for nobody's locks. */
    public JsonObject stats() {
        return with(
                "SELECT count(*), count(CASE WHEN payments > 0 THEN 1 END), count(CASE WHEN shipments > 0 THEN 1 END),"
                        + " count(CASE WHEN payments > 1 OR shipments > 1 THEN 1 END) FROM orders WITH UR",
                select -> {
                    ResultSet row = select.executeQuery();
                    row.next();
                    return Json.createObjectBuilder()
                            .add("placed", row.getLong(1))
                            .add("paid", row.getLong(2))
                            .add("shipped", row.getLong(3))
                            .add("doubled", row.getLong(4))
                            .build();
                });
    }
}
