-- The rows of a while: copies of what the first booking left, completed long ago.

INSERT INTO bookings SELECT copy.* FROM generate_series(1, 10000) AS n,
  LATERAL jsonb_populate_record((SELECT bookings FROM bookings LIMIT 1), jsonb_build_object(
    'booking_id', 'b-' || n, 'customer_id', 'c-old' || n, 'status', 'completed')) AS copy;

INSERT INTO rooms SELECT copy.* FROM generate_series(1, 10000) AS n,
  LATERAL jsonb_populate_record((SELECT rooms FROM rooms LIMIT 1), jsonb_build_object(
    'conversation_id', 'r-' || n, 'booking_id', 'b-' || n, 'status', 'completed', 'last_sequence', 20)) AS copy;

INSERT INTO messages SELECT copy.* FROM generate_series(1, 10000) AS n, generate_series(1, 20) AS m,
  LATERAL jsonb_populate_record((SELECT messages FROM messages LIMIT 1), jsonb_build_object(
    'conversation_id', 'r-' || n, 'booking_id', 'b-' || n, 'sequence', m, 'client_message_id', 'm-' || m)) AS copy;
