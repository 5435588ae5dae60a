import { known, who, type Pages } from "./pages";

/** The pages that the law and people's questions ask for, in Indonesian. */
export const pages: Pages = {
  terms: (operator) => [
    {
      heading: "Siapa menawarkan apa",
      paragraphs: [
        `${who(operator)} menjalankan pasar ini, yang mempertemukan pelanggan dengan terapis dan tempat pijat yang mandiri. Pijat itu sendiri adalah perjanjian antara Anda dan terapis.`,
        "Pijat di sini untuk kebugaran, bukan pengobatan, dan tidak ada layanan seksual dalam bentuk apa pun. Terapis boleh langsung pergi jika hal ini tidak dihormati.",
      ],
    },
    {
      heading: "Pemesanan",
      paragraphs: [
        "Permintaan mengikat setelah terapis menerimanya. Selama waktu yang ditampilkan belum habis, terapis dapat menerima atau menolak. Harga yang tampil sebelum permintaan dikirim adalah harga yang Anda bayar.",
        "Anda membayar langsung kepada terapis, dengan salah satu cara yang disebut di halamannya, kecuali ditampilkan lain.",
      ],
    },
    {
      heading: "Memindahkan dan membatalkan",
      paragraphs: [
        "Sebelum kunjungan dimulai Anda dapat membatalkannya atau mengusulkan waktu lain di obrolannya. Jika pembatalan berbiaya, jumlahnya ditampilkan sebelum Anda mengonfirmasi, dan tidak pernah lebih dari itu.",
        "Jika terapis membatalkan atau tidak datang, Anda tidak membayar apa pun.",
      ],
    },
    {
      heading: "Perilaku",
      paragraphs: [
        "Perlakukan satu sama lain dengan hormat. Pesan, ulasan, dan gambar harus benar dan tidak menyakiti siapa pun. Yang melanggar dapat disembunyikan, dan akun dapat ditangguhkan. Anda dapat melaporkan dan memblokir seseorang di setiap obrolan.",
      ],
    },
    {
      heading: "Tanggung jawab dan hukum",
      paragraphs: [
        "Kami bertanggung jawab atas pasar ini, terapis atas pekerjaannya. Hukum Indonesia berlaku; hak Anda sebagai konsumen di tempat tinggal Anda tetap ada.",
      ],
    },
  ],
  privacy: (operator) => [
    {
      heading: "Siapa yang bertanggung jawab",
      paragraphs: [`${who(operator)} menentukan penggunaan data Anda.${operator.contact ? ` Untuk pertanyaan apa pun hubungi ${operator.contact}.` : ""}`],
    },
    {
      heading: "Apa yang kami simpan, dan mengapa",
      paragraphs: [
        "Dari pemesanan: nama, nomor WhatsApp, tempat, waktu, harga, dan pesan Anda, karena tanpa itu kunjungan tidak dapat dilakukan. Terapis melihat nomor dan alamat hanya setelah menerima.",
        "Dari terapis: profil, surat, rekening bank (terenkripsi), dan pembukuan, karena diminta oleh hukum dan pekerjaan.",
        "Di peramban ini: siapa Anda di sini, bahasa, dan warna. Tidak ada iklan, pelacakan, atau kuki pihak lain.",
      ],
    },
    {
      heading: "Siapa lagi yang menerimanya",
      paragraphs: [
        "Amazon Web Services menyimpannya untuk kami. Layanan WhatsApp, surel, SMS, dan notifikasi mengantarkan pesan kepada Anda. Penyedia pembayaran menerima komisi dari terapis. Tidak ada yang membelinya.",
      ],
    },
    {
      heading: "Berapa lama",
      paragraphs: [
        "Nomor kamar, alamat, dan posisi dihapus 30 hari setelah kunjungan, berkas obrolan setelah sebulan, pesan setelah setengah tahun. Jumlah uang disimpan selama diminta hukum pajak.",
      ],
    },
    {
      heading: "Hak Anda",
      paragraphs: [
        "Anda dapat meminta semua yang kami simpan tentang Anda, memintanya diperbaiki atau dihapus, dan menarik persetujuan Anda. Mintalah di obrolan atau di kontak di atas; Anda juga dapat mengadu kepada otoritas perlindungan data.",
      ],
    },
  ],
  help: (operator) => [
    {
      heading: "Bagaimana cara memesan?",
      paragraphs: [
        "Pilih terapis, lalu “Pesan sekarang” untuk secepatnya atau “Jadwalkan” untuk waktu pilihan Anda. Harga terlihat sebelum apa pun dikirim. Jawaban datang dalam hitungan menit, di obrolan yang terbuka sendiri.",
      ],
    },
    {
      heading: "Bagaimana cara membayar?",
      paragraphs: ["Anda membayar kepada terapis, dengan salah satu cara di halamannya. Tidak ada yang ditagih saat memesan."],
    },
    {
      heading: "Tidak ada jawaban, atau saya ditolak",
      paragraphs: ["Permintaan berakhir sendiri saat waktunya habis, tanpa biaya. Halamannya lalu menyebut terapis lain yang bisa datang, dengan data yang sama."],
    },
    {
      heading: "Telepon saya baru",
      paragraphs: ["Buka “Obrolan” dan pilih untuk menemukan pesanan dengan nomor WhatsApp Anda. Kode dikirim ke nomor itu, dan semuanya ada lagi di sini."],
    },
    {
      heading: "Ada masalah saat kunjungan",
      paragraphs: [
        "Dalam keadaan darurat hubungi 112. Di obrolan kunjungan ada tombol yang langsung memberi tahu kami posisi Anda. Anda dapat melaporkan dan memblokir seseorang di setiap obrolan.",
        ...(operator.contact ? [`Anda dapat menghubungi kami di ${operator.contact}.`] : []),
      ],
    },
  ],
  imprint: (operator) => [
    {
      heading: "Pengelola",
      paragraphs: known([
        ["Nama", operator.name],
        ["Alamat", operator.address],
        ["Registrasi", operator.registration],
        ["Kontak", operator.contact],
      ]),
    },
  ],
};
