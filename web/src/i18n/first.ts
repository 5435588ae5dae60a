/** The few words that are needed in every language, or before a language is here. */
export const FIRST_WORDS = {
  en: {
    "app.name": "Teduh",
    "app.startFailed": "We could not reach the service. Check your connection and try again.",
    "common.tryAgain": "Try again",
    "chat.picture": "Picture",
    "chat.document": "Document",
    "chat.locationOf": "Location",
  },
  id: {
    "app.name": "Teduh",
    "app.startFailed": "Layanan tidak dapat dihubungi. Periksa koneksi Anda lalu coba lagi.",
    "common.tryAgain": "Coba lagi",
    "chat.picture": "Gambar",
    "chat.document": "Dokumen",
    "chat.locationOf": "Lokasi",
  },
};
