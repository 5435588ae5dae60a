-- What the server of bench/alternative keeps; columns bear the names of the domain's attributes.

CREATE EXTENSION btree_gist;

CREATE TABLE therapists (therapist_id text PRIMARY KEY, profile jsonb NOT NULL);

CREATE TABLE bookings (
  booking_id text PRIMARY KEY,
  therapist_id text NOT NULL REFERENCES therapists,
  customer_id text NOT NULL,
  status text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  offered_at timestamptz NOT NULL,
  response_deadline timestamptz NOT NULL,
  held tstzrange NOT NULL,
  therapist_name text NOT NULL, therapist_type text NOT NULL, therapist_whats_app text, buffer_minutes int NOT NULL,
  customer_name text NOT NULL, customer_whats_app text NOT NULL, chat_room_id text NOT NULL, time_zone text NOT NULL,
  duration int NOT NULL, list_price int NOT NULL, price int NOT NULL, discount int NOT NULL, discount_code text,
  commission_rate_bps int NOT NULL, currency text NOT NULL, booking_type text NOT NULL, source text NOT NULL,
  chat_window_open boolean NOT NULL, location jsonb, hotel_villa_id text, hotel_villa_name text, room_number text,
  service_id text, service_name text, scheduled_time timestamptz, confirmed_at timestamptz, declined_at timestamptz,
  expired_at timestamptz, cancelled_at timestamptz, completed_at timestamptz, confirmed_therapist_id text, reason text,
  event text NOT NULL, actor_id text NOT NULL, actor_role text NOT NULL, previous_therapist_id text,
  request_hash text NOT NULL, version int NOT NULL, is_test boolean NOT NULL,
  EXCLUDE USING gist (therapist_id WITH =, held WITH &&) WHERE (status IN ('pending', 'confirmed'))
);
CREATE INDEX ON bookings (customer_id, created_at);
CREATE INDEX ON bookings (therapist_id, created_at);
CREATE INDEX ON bookings (created_at);
CREATE INDEX ON bookings (customer_whats_app) WHERE status = 'pending';
CREATE INDEX ON bookings (therapist_id, response_deadline) WHERE status = 'pending';

CREATE TABLE rooms (
  conversation_id text PRIMARY KEY,
  booking_id text NOT NULL UNIQUE REFERENCES bookings,
  customer_id text NOT NULL, customer_name text NOT NULL,
  therapist_id text NOT NULL, therapist_name text NOT NULL,
  status text NOT NULL,
  booked_at timestamptz NOT NULL,
  expires_at timestamptz,
  last_sequence int NOT NULL, customer_read_sequence int NOT NULL, therapist_read_sequence int NOT NULL,
  is_test boolean NOT NULL
);
CREATE INDEX ON rooms (customer_id, booked_at);
CREATE INDEX ON rooms (therapist_id, booked_at);

CREATE TABLE messages (
  conversation_id text NOT NULL REFERENCES rooms,
  sequence int NOT NULL,
  sender_id text NOT NULL, sender_name text NOT NULL, sender_role text NOT NULL,
  receiver_id text, receiver_role text,
  message text NOT NULL, message_type text NOT NULL, booking_id text NOT NULL, "timestamp" timestamptz NOT NULL,
  metadata jsonb NOT NULL, client_message_id text, attachment_id text, location jsonb,
  PRIMARY KEY (conversation_id, sequence),
  UNIQUE (conversation_id, sender_id, client_message_id)
);

CREATE TABLE notifications (
  user_id text NOT NULL, notification_id text NOT NULL, role text NOT NULL, kind text NOT NULL, booking_id text,
  conversation_id text, created_at timestamptz NOT NULL, sound boolean NOT NULL, parameters jsonb NOT NULL,
  read_at timestamptz,
  PRIMARY KEY (user_id, notification_id)
);

CREATE TABLE history (
  entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booking_id text NOT NULL REFERENCES bookings, happened_at timestamptz NOT NULL, event text NOT NULL,
  actor_id text NOT NULL, actor_role text NOT NULL, status_before text, status_after text NOT NULL
);
CREATE INDEX ON history (booking_id);
